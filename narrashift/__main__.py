"""`python -m narrashift` is the same as `narrashift`."""

from narrashift.cli import main

if __name__ == "__main__":
    main()
