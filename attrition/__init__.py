"""What the report book is made with: a data room, models, and the line from notebooks to pages.

Nothing here knows the name of a country: which war a room is about, who fights whom and who says what are data.
"""
