"""Magfa v2 and Kavenegar v1, keeping what they were given by message id."""

import base64
import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.simulators.http import Answer, Received
from tests.simulators.registries import json_answer

API_KEY = "5A6B/7C"
USER, PASSWORD, SENDER = "hub/tamin", "s3cret", "3000"


@dataclass
class MagfaHandler:
    """``taken`` holds (uid, recipient, text) of everything accepted, in order."""

    taken: list[tuple[int, str, str]] = field(default_factory=list)
    status: int = 0
    message_status: int = 0

    def __call__(self, received: Received) -> Answer:
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if received.headers.get("Authorization") != f"Basic {pair}":
            return json_answer({"status": 18, "messages": []})
        if asked := re.fullmatch(r"/v2/mid/(\d+)", received.path):
            return json_answer({"status": 0, "mid": self._mid(int(asked[1]))})
        assert received.path == "/v2/send"
        sent = json.loads(received.body)
        if self.status:
            return json_answer({"status": self.status, "messages": []})
        if self.message_status:
            return json_answer({"status": 0, "messages": [{"status": self.message_status}]})
        self.taken.append((sent["uids"][0], sent["recipients"][0], sent["messages"][0]))
        message = {"status": 0, "id": 1000 + sent["uids"][0], "recipient": sent["recipients"][0]}
        return json_answer({"status": 0, "messages": [message]})

    def _mid(self, uid: int) -> int:
        return 1000 + uid if uid in {one for one, *_ in self.taken} else -1


@dataclass
class KavenegarHandler:
    """``taken`` holds recipient and text by local id: a second sending changes nothing."""

    taken: dict[int, tuple[str, str]] = field(default_factory=dict)
    status: int = 200
    entry_status: int = 1

    def __call__(self, received: Received) -> Answer:
        if received.path != f"/v1/{API_KEY.replace('/', '%2F')}/sms/send.json":
            return json_answer({"return": {"status": 403, "message": "کد"}, "entries": None}, 403)
        if self.status != 200:
            said = {"return": {"status": self.status, "message": ""}, "entries": None}
            return json_answer(said, self.status)
        form = {name: values[0] for name, values in parse_qs(received.body.decode()).items()}
        self.taken.setdefault(int(form["localid"]), (form["receptor"], form["message"]))
        entry = {"messageid": 2000 + int(form["localid"]), "status": self.entry_status}
        return json_answer({"return": {"status": 200, "message": "تایید شد"}, "entries": [entry]})
