"""The command line: argparse and Invoke over one list of commands."""
