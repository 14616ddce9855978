"""``python -m harness.cli``."""

from harness.cli.main import program

if __name__ == "__main__":
    program()
