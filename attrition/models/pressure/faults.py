"""What goes wrong when pressure is measured."""


class PressureError(ValueError):
    """Figures, months or shares that no honest measure of pressure can be made of."""
