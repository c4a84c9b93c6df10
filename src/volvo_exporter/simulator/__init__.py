"""A stand-in for Volvo's cloud: Volvo ID, the APIs, weather, cars that live a day, faults on demand."""
