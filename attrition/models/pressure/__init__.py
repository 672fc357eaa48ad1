"""What presses on the means of a war: money, goods and equipment, and whether these pressures compound."""
