"""Container health check: status 0 while the worker or sequencer of this container says that it is ready.

Usage: ``python healthy.py [PORT]``; the port of its metrics, 9464 unless given. Standard library only.
"""

import http.client
import sys

PORT = 9464
SECONDS = 3.0


def main() -> int:
    """Ask ``/readyz`` on loopback and tell why it is not ready."""
    link = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else PORT, timeout=SECONDS)
    try:
        link.request("GET", "/readyz")
        answer = link.getresponse()
        print(answer.read().decode().strip())
    except (OSError, http.client.HTTPException) as error:
        print(f"nobody answers: {error}")
        return 1
    finally:
        link.close()
    return 0 if answer.status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
