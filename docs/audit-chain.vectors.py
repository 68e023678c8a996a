#!/usr/bin/env python3
"""Makes audit-chain.vectors.json from audit-chain.md with Python's `cryptography`, so that the vectors do not come from the
code that they test. Deterministic: python3 audit-chain.vectors.py > audit-chain.vectors.json"""
import base64
import copy
import datetime
import json
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORG, OTHER_ORG = "0190b5a0-1111-7111-8111-111111111111", "0190b5a0-1111-7111-8111-222222222222"
GENESIS = bytes(32)


def field(value):
    return len(value).to_bytes(4, "big") + value


def uuid(text):
    return field(bytes.fromhex((text or "").replace("-", "")))


def int64(number):
    return field(number.to_bytes(8, "big", signed=True))


def hash_of(org, event, previous):
    texts = ("actor_type", "actor_id", "action", "resource_type", "resource_id", "details_json", "ip_address", "request_id")
    parts = [b"oneclaw/audit-event/v1\0", previous, uuid(org), int64(event["position"]), uuid(event["id"])]
    parts += [uuid(event["prev_event_id"]), *(field(event[name].encode()) for name in texts), int64(event["micros"])]
    return sha256(b"".join(parts)).digest()


def chained(org, contents, first=1, end=(None, GENESIS)):
    """Gives events their place behind `end`."""
    events, (event_id, previous) = [], end
    for position, content in enumerate(contents, first):
        event = {**content, "position": position, "prev_event_id": event_id}
        previous = hash_of(org, event, previous)
        events.append({**event, "integrity_hash": previous.hex()})
        event_id = event["id"]
    return events


class Key:
    def __init__(self, label):
        self.private = Ed25519PrivateKey.from_private_bytes(sha256(b"oneclaw audit vectors: " + label.encode()).digest())
        point = self.private.public_key().public_bytes_raw()
        x = base64.urlsafe_b64encode(point).rstrip(b"=").decode()
        thumbprint = sha256(json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":")).encode()).digest()
        self.id = base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()
        self.jwk = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.id, "x": x}


def message_of(checkpoint):
    parts = [b"oneclaw-checkpoint-v1\0", uuid(checkpoint["org_id"]), int64(checkpoint["position"]), uuid(checkpoint["event_id"])]
    return b"".join([*parts, field(bytes.fromhex(checkpoint["integrity_hash"])), int64(checkpoint["micros"])])


def checkpoint_at(event, key, micros, org=ORG, claimed=None):
    checkpoint = {
        "org_id": org,
        "position": event["position"],
        "event_id": event["id"],
        "integrity_hash": event["integrity_hash"],
        "micros": micros,
        "key_id": (claimed or key).id,
    }
    return {**checkpoint, "signature": base64.b64encode(key.private.sign(message_of(checkpoint))).decode()}


def time_of(micros):
    seconds, rest = divmod(micros, 1_000_000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:06d}Z"


def line(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


EVENT = "position id prev_event_id actor_type actor_id action resource_type resource_id details_json ip_address request_id".split()


def event_line(event):
    named = {name: event[name] for name in EVENT}
    return line({"type": "event", **named, "created_at": time_of(event["micros"]), "integrity_hash": event["integrity_hash"]})


def checkpoint_line(checkpoint):
    named = {name: checkpoint[name] for name in ("org_id", "position", "event_id", "integrity_hash")}
    signed = {"key_id": checkpoint["key_id"], "signature": checkpoint["signature"]}
    return line({"type": "checkpoint", **named, "created_at": time_of(checkpoint["micros"]), **signed})


def export(events, checkpoints, after=None, through=None, org=ORG):
    end = {"position": after["position"], "event_id": after["id"], "integrity_hash": after["integrity_hash"]} if after else {
        "position": 0, "event_id": None, "integrity_hash": GENESIS.hex()}
    header = {
        "type": "header",
        "format": "oneclaw-audit-export",
        "version": 1,
        "org_id": org,
        "exported_at": "2026-01-02T04:00:00.000Z",
        "after": end,
        "through_position": events[-1]["position"] if through is None else through,
        "checkpoint_key_ids": sorted({each["key_id"] for each in checkpoints}),
    }
    lines = [line(header)]
    for event in events:
        lines.append(event_line(event))
        lines += [checkpoint_line(each) for each in checkpoints if each["position"] == event["position"]]
    last = events[-1]["position"]
    lines += [checkpoint_line(each) for each in checkpoints if each["position"] > last]
    return [*lines, line({"type": "end", "events": len(events), "checkpoints": len(checkpoints)})]


FIRST = {
    "id": "0190b5a0-2222-7222-8222-222222222222",
    "actor_type": "agent",
    "actor_id": "7d444840-9dc0-41d1-b245-5ffdce74fad2",
    "action": "secret.read",
    "resource_type": "secret",
    "resource_id": "0190b5a0-3333-7333-8333-333333333333",
    "details_json": '{"vault_id":"0190b5a0-4444-7444-8444-444444444444","path":"prod/db","version":3}',
    "ip_address": "192.0.2.7",
    "request_id": "req-1",
    "micros": 1767323045678000,
}
CONTENTS = [
    FIRST,
    {**FIRST, "id": "0190b5a0-5555-7555-8555-555555555555", "action": "secret.write", "details_json": '{"note":"für später"}',
     "request_id": "", "micros": 1767323045678901},
    {**FIRST, "id": "0190b5a0-6666-7666-8666-666666666666", "action": "auth.failure", "resource_type": "", "resource_id": "",
     "details_json": '{ "reason" : "\\u0000 \\"quoted\\"",\n"n":1.50 }', "micros": 1767323044000000},
    {**FIRST, "id": "0190b5a0-7777-7777-8777-777777777777", "actor_type": "user", "action": "audit.export", "resource_type": "audit",
     "resource_id": "", "details_json": '{"after_position":0}', "micros": 1767323100000000},
]
events = chained(ORG, CONTENTS)
old, current, stranger = Key("old"), Key("current"), Key("stranger")
checkpoints = [checkpoint_at(events[1], old, 1767323050000000), checkpoint_at(events[3], current, 1767323101123000)]
whole = export(events, checkpoints)


def changed(index, **fields):
    edited = copy.deepcopy(events)
    edited[index].update(fields)
    return edited


def resigned(forged, key, claims=(None, None)):
    """Checkpoints like the true ones of another chain, by another key, in its own name or in claimed ones."""
    return [checkpoint_at(forged[at], key, true["micros"], claimed=claim) for at, true, claim in zip((1, 3), checkpoints, claims)]


def lines_with(transform):
    lines = list(whole)
    transform(lines)
    return lines


def replaced(old_text, new_text, lines=None):
    return [each.replace(old_text, new_text) for each in lines or whole]


edited_contents = [{**CONTENTS[0], "action": "secret.list"}, *CONTENTS[1:]]
recomputed = chained(ORG, edited_contents)
intruder = {**CONTENTS[1], "id": "0190b5a0-8888-7888-8888-888888888888"}
inserted = copy.deepcopy(events[:2]) + chained(ORG, [intruder], 3, (events[1]["id"], bytes.fromhex(events[1]["integrity_hash"])))
inserted += [{**each, "position": each["position"] + 1} for each in events[2:]]
swapped = [events[0], {**events[2], "position": 2}, {**events[1], "position": 3}, events[3]]
gap_closed = [events[0], *({**each, "position": each["position"] - 1} for each in events[2:])]
gap_closed[1]["prev_event_id"] = events[0]["id"]
elsewhere = chained(OTHER_ORG, CONTENTS)
replacement = chained(ORG, [{**FIRST, "details_json": '{"note":"\ufffd"}'}])
in_march = chained(ORG, [{**FIRST, "micros": 1772420645678901}])
shifted = checkpoint_at(events[2], current, 1767323101123000)

cases = [
    ("a whole chain", "whole", whole, {}),
    ("the part of a chain behind position 2, against a checkpoint saved from there", "whole", export(events[2:], checkpoints[1:], after=events[1]), {"saved": checkpoints[:1]}),
    ("the part of a chain behind position 2, against a checkpoint saved from later", "whole", export(events[2:], checkpoints[1:], after=events[1]), {"saved": checkpoints[1:]}),
    ("the part of a chain behind position 2, without what it follows", "unsigned", export(events[2:], checkpoints[1:], after=events[1]), {}),
    ("the part of a chain behind position 3, against a checkpoint saved from before", "unsigned", export(events[3:], checkpoints[1:], after=events[2]), {"saved": checkpoints[:1]}),
    ("a whole chain, and a checkpoint saved from the middle of it", "whole", whole, {"saved": checkpoints[:1]}),
    ("a chain that grew since a checkpoint of its end was saved", "whole", whole, {"saved": checkpoints}),
    ("two checkpoints of one end", "whole", export(events, [*checkpoints, checkpoint_at(events[3], current, 1767323161123000)]), {}),
    ("a checkpoint by a key that is not given, and a later one by one that is", "whole", whole, {"keys": [current]}),
    ("an edited event", "changed", export(changed(1, action="secret.delete"), checkpoints), {}),
    ("an edited event with a new hash", "changed", export(recomputed[:1] + events[1:], checkpoints), {}),
    ("a time moved by a microsecond", "changed", export(changed(2, micros=CONTENTS[2]["micros"] + 1), checkpoints), {}),
    ("details that say the same in other bytes", "changed", export(changed(2, details_json='{"reason":"\\u0000 \\"quoted\\"","n":1.50}'), checkpoints), {}),
    ("a deleted event", "changed", export([events[0], *events[2:]], checkpoints), {}),
    ("a deleted event whose gap was closed", "changed", export(gap_closed, checkpoints, through=3), {}),
    ("a deleted first event", "changed", export(events[1:], checkpoints), {}),
    ("an inserted event", "changed", export(inserted, checkpoints[:1]), {}),
    ("two swapped events", "changed", export(swapped, checkpoints), {}),
    ("a tail cut behind a later checkpoint", "changed", export(events[:3], checkpoints, through=3), {}),
    ("a tail cut behind a later checkpoint, the header as it was", "changed", export(events[:3], checkpoints, through=4), {}),
    ("a chain that was recomputed", "changed", export(recomputed, checkpoints), {}),
    ("a chain that was recomputed, its checkpoints changed to fit", "changed", export(recomputed, [
        {**each, "integrity_hash": recomputed[at]["integrity_hash"]} for at, each in zip((1, 3), checkpoints)]), {}),
    ("a chain that was recomputed, signed by a stranger in the keys' names", "changed", export(recomputed, resigned(recomputed, stranger, (old, current))), {}),
    ("a chain that was recomputed, signed by a stranger", "unsigned", export(recomputed, resigned(recomputed, stranger)), {}),
    ("a chain that was recomputed, without checkpoints", "unsigned", export(recomputed, []), {}),
    ("a chain that was recomputed and signed by the HSM, against a saved checkpoint", "changed", export(recomputed, resigned(recomputed, current)), {"saved": checkpoints[:1]}),
    ("a tail cut with its checkpoint, against a saved one", "changed", export(events[:2], checkpoints[:1], through=2), {"saved": checkpoints[1:]}),
    ("events behind the newest checkpoint", "unsigned", export(events, checkpoints[:1]), {}),
    ("another org's chain under this org's name", "changed", export(elsewhere, []), {}),
    ("another org's checkpoint", "changed", export(events, [*checkpoints, checkpoint_at(elsewhere[3], current, 1767323161123000, OTHER_ORG)]), {}),
    ("a checkpoint of another position", "changed", export(events, [checkpoints[0], {**shifted, "position": 4}]), {}),
    ("a checkpoint that stands behind another event", "changed", lines_with(lambda lines: lines.insert(2, lines.pop(3))), {}),
    ("a part that does not begin where it says", "changed", export(events[2:], checkpoints[1:], after={**events[1], "integrity_hash": "11" * 32}), {}),
    ("a file without its last line", "changed", whole[:-1], {}),
    ("a file without its header", "changed", whole[1:], {}),
    ("a file with a line behind its end", "changed", [*whole, whole[1]], {}),
    ("a count that is wrong", "changed", replaced('"checkpoints":2', '"checkpoints":3'), {}),
    ("a field that no hash covers", "changed", replaced('"request_id":"req-1"', '"request_id":"req-1","note":"harmless"'), {}),
    ("a field that is there twice", "changed", replaced('"action":"secret.write"', '"action":"secret.list","action":"secret.write"'), {}),
    ("fields in another order", "changed", replaced('"action":"secret.write","resource_type":"secret"', '"resource_type":"secret","action":"secret.write"'), {}),
    ("a field named __proto__ in the place of another", "changed", replaced('"exported_at"', '"__proto__"'), {}),
    ("a lone surrogate, which UTF-8 writes as the U+FFFD that it replaces", "changed", replaced("\ufffd", "\\ud800", export(replacement, [])), {}),
    ("a 30th of February, which is the 2nd of March", "changed", replaced('2026-03-02T', '2026-02-30T', export(in_march, [])), {}),
    ("a version that is not known", "changed", replaced('"version":1,', '"version":2,'), {}),
]

assert len({name for name, *_ in cases}) == len(cases)
vectors = {
    "genesis": GENESIS.hex(),
    "events": [
        {
            "orgId": ORG,
            "position": event["position"],
            "id": event["id"],
            "prevEventId": event["prev_event_id"],
            "actorType": event["actor_type"],
            "actorId": event["actor_id"],
            "action": event["action"],
            "resourceType": event["resource_type"],
            "resourceId": event["resource_id"],
            "details": event["details_json"],
            "ipAddress": event["ip_address"],
            "requestId": event["request_id"],
            "createdAtMicros": event["micros"],
            "integrityHash": event["integrity_hash"],
        }
        for event in events
    ],
    "keys": {"keys": [old.jwk, current.jwk]},
    "checkpoints": [
        {
            "orgId": each["org_id"],
            "position": each["position"],
            "eventId": each["event_id"],
            "integrityHash": each["integrity_hash"],
            "createdAtMicros": each["micros"],
            "keyId": each["key_id"],
            "message": message_of(each).hex(),
            "signature": each["signature"],
        }
        for each in checkpoints
    ],
    "exports": [
        {
            "name": name,
            "expect": expect,
            **({"keys": {"keys": [key.jwk for key in more["keys"]]}} if "keys" in more else {}),
            **({"saved": [checkpoint_line(each) for each in more["saved"]]} if "saved" in more else {}),
            "lines": lines,
        }
        for name, expect, lines, more in cases
    ],
}
print(json.dumps(vectors, indent=2, ensure_ascii=False))
