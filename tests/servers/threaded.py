"""A web server in a thread of its own, at a free port of this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GLANCES = 0.05  # seconds between looks whether to stop


class Threaded:
    """Answers from its making until `stop`, which waits for all that are being answered."""

    def __init__(
        self, answer: type[BaseHTTPRequestHandler], *, wait_for_answers: bool = True
    ) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), answer)
        self._server.daemon_threads = not wait_for_answers
        self._thread = threading.Thread(target=self._server.serve_forever, args=(GLANCES,))
        self._thread.start()
        self.port = self._server.server_port
        self.address = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
