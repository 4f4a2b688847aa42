"""Runs the program that was installed with this package."""

import os
import subprocess
import sys
import sysconfig


def installed():
    """The program's path; None if it was taken away."""
    name = "rosterctl.exe" if os.name == "nt" else "rosterctl"
    schemes = [sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")]
    paths = [os.path.join(sysconfig.get_path("scripts", scheme), name) for scheme in schemes]
    return next((path for path in paths if os.path.isfile(path)), None)


def main():
    program = installed()
    if program is None:
        sys.exit("rosterctl isn't beside this Python; install it again")
    command = [program, *sys.argv[1:]]
    # Windows can't replace a process by another.
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(program, command)


if __name__ == "__main__":
    main()
