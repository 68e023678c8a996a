#!/usr/bin/env python3
"""Makes envelope-v1.json from docs/envelope-format.md with Python's `cryptography`, so that the vectors do not come from
the code that they test. Deterministic: python3 generate-envelope-vectors.py > envelope-v1.json"""
import json
import uuid
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding


def fixed(label, size=32):
    return sha256(b"oneclaw envelope vectors: " + label.encode()).digest()[:size]


def associated_data(purpose, *parts):
    return b"".join(len(p).to_bytes(4, "big") + p for p in (purpose.encode(), *parts))


def gcm(key, iv, aad, plaintext):
    return AESGCM(key).encrypt(iv, plaintext, aad)


def make_kek(label, root_generation, root_key):
    kek_id, key, iv = fixed(label + " id", 16), fixed(label + " key"), fixed(label + " binding iv", 12)
    generation = root_generation.to_bytes(4, "big")
    binding = iv + gcm(key, iv, associated_data("oneclaw/kek/v1", kek_id, generation), kek_id)
    kwp = aes_key_wrap_with_padding(root_key, key)
    return {"id": kek_id, "key": key, "wrapped": b"\x01" + kek_id + generation + kwp + binding}


def make_envelope(label, kek, caller, plaintext, dek_purpose="oneclaw/dek/v1", value_purpose="oneclaw/value/v1"):
    dek, dek_iv, value_iv = fixed(label + " dek"), fixed(label + " dek iv", 12), fixed(label + " value iv", 12)
    wrapped_dek = b"\x01" + kek["id"] + dek_iv + gcm(kek["key"], dek_iv, associated_data(dek_purpose, kek["id"], caller), dek)
    sealed_value = b"\x01" + value_iv + gcm(dek, value_iv, associated_data(value_purpose, caller), plaintext)
    return {"kek": kek, "associated_data": caller, "wrapped_dek": wrapped_dek, "sealed_value": sealed_value,
            "dek": dek, "plaintext": plaintext}


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def as_json(name, e, **changed):
    values = {"kek_id": str(uuid.UUID(bytes=e["kek"]["id"])), "wrapped_kek": e["kek"]["wrapped"],
              "associated_data": e["associated_data"], "wrapped_dek": e["wrapped_dek"], "sealed_value": e["sealed_value"]}
    values.update(changed)
    return {"name": name, **{k: v.hex() if isinstance(v, bytes) else v for k, v in values.items()}}


ROOTS = {2: fixed("root 2"), 3: fixed("root 3")}
A = make_kek("kek a", 2, ROOTS[2])
B = make_kek("kek b", 3, ROOTS[3])
C = make_kek("kek c", 2, ROOTS[2])
CALLER, OTHER_CALLER = sha256(b"caller one").digest(), sha256(b"caller two").digest()

E1 = make_envelope("e1", A, CALLER, "a secret value, \u00fcn\u00efcode".encode())
E2 = make_envelope("e2", A, CALLER, b"another version of it")
VALID = [
    ("a value under the first KEK", E1),
    ("another value of the same caller under the same KEK", E2),
    ("a value under a KEK of another root generation", make_envelope("e3", B, OTHER_CALLER, b"\x00\x01\x02")),
    ("an empty value", make_envelope("e4", A, CALLER, b"")),
    ("a value of 4096 bytes", make_envelope("e5", B, CALLER, fixed("long") * 128)),
    ("a value of one byte", make_envelope("e6", C, OTHER_CALLER, b"x")),
]

must_fail = []


def fails(name, e=E1, **changed):
    must_fail.append(as_json(name, e, **changed))


WRAPPED_KEK_REGIONS = {"version": 0, "id": 1, "root generation": 20, "AES-KWP, first byte": 21, "AES-KWP, last byte": 60,
                       "binding iv": 61, "binding ciphertext": 73, "binding tag": 104}
WRAPPED_DEK_REGIONS = {"version": 0, "KEK id": 1, "iv": 17, "ciphertext": 29, "tag, first byte": 61, "tag, last byte": 76}
SEALED_VALUE_REGIONS = {"version": 0, "iv": 1, "ciphertext": 13, "tag, first byte": len(E1["sealed_value"]) - 16,
                        "tag, last byte": len(E1["sealed_value"]) - 1}

for region, at in WRAPPED_KEK_REGIONS.items():
    fails(f"wrapped KEK, {region} changed", wrapped_kek=flip(A["wrapped"], at))
for region, at in WRAPPED_DEK_REGIONS.items():
    fails(f"wrapped DEK, {region} changed", wrapped_dek=flip(E1["wrapped_dek"], at))
for region, at in SEALED_VALUE_REGIONS.items():
    fails(f"sealed value, {region} changed", sealed_value=flip(E1["sealed_value"], at))
for field, value in (("wrapped_kek", A["wrapped"]), ("wrapped_dek", E1["wrapped_dek"]), ("sealed_value", E1["sealed_value"])):
    title = field.replace("_", " ").replace("kek", "KEK").replace("dek", "DEK")
    fails(f"{title}, empty", **{field: b""})
    fails(f"{title}, version alone", **{field: value[:1]})
    fails(f"{title}, version 0", **{field: b"\x00" + value[1:]})
    fails(f"{title}, version 2", **{field: b"\x02" + value[1:]})
    fails(f"{title}, last byte missing", **{field: value[:-1]})
    fails(f"{title}, one byte more", **{field: value + b"\x00"})
fails("sealed value, tag cut to 64 bits", sealed_value=E1["sealed_value"][:-8])
fails("sealed value, shorter than iv and tag", sealed_value=E1["sealed_value"][:28])
fails("other associated data", associated_data=OTHER_CALLER)
fails("value of another envelope of the same caller", sealed_value=E2["sealed_value"])
fails("DEK of another envelope of the same caller", wrapped_dek=E2["wrapped_dek"])
fails("another KEK", kek_id=str(uuid.UUID(bytes=C["id"])), wrapped_kek=C["wrapped"])
fails("another KEK beside the right id", wrapped_kek=C["wrapped"])
fails("the right KEK beside another id", kek_id=str(uuid.UUID(bytes=C["id"])))
fails("another KEK relabelled with the right id", wrapped_kek=A["wrapped"][:17] + C["wrapped"][17:])
fails("another KEK with the binding of the right one", wrapped_kek=A["wrapped"][:21] + C["wrapped"][21:61] + A["wrapped"][61:])
fails("another KEK, and its id written into the wrapped DEK", kek_id=str(uuid.UUID(bytes=C["id"])), wrapped_kek=C["wrapped"],
      wrapped_dek=E1["wrapped_dek"][:1] + C["id"] + E1["wrapped_dek"][17:])
fails("the generation of another root key", wrapped_kek=A["wrapped"][:17] + (3).to_bytes(4, "big") + A["wrapped"][21:])
fails("the generation of a root key that does not exist", wrapped_kek=A["wrapped"][:17] + (9).to_bytes(4, "big") + A["wrapped"][21:])
fails("DEK wrapped for the purpose of a value", make_envelope("e7", A, CALLER, b"x", dek_purpose="oneclaw/value/v1"))
fails("value sealed for the purpose of a DEK", make_envelope("e8", A, CALLER, b"x", value_purpose="oneclaw/dek/v1"))
fails("DEK wrapped for another version", make_envelope("e9", A, CALLER, b"x", dek_purpose="oneclaw/dek/v2"))
unprefixed = make_envelope("e10", A, CALLER, b"x")
iv = fixed("e10 value iv", 12)
fails("value sealed under associated data without lengths", unprefixed,
      sealed_value=b"\x01" + iv + gcm(unprefixed["dek"], iv, b"oneclaw/value/v1" + CALLER, b"x"))
fails("value sealed without associated data", unprefixed, sealed_value=b"\x01" + iv + gcm(unprefixed["dek"], iv, b"", b"x"))

print(json.dumps({
    "format": "docs/envelope-format.md, version 1",
    "root_keys": {str(generation): key.hex() for generation, key in ROOTS.items()},
    "opens": [{**as_json(name, e), "kek": e["kek"]["key"].hex(), "dek": e["dek"].hex(), "plaintext": e["plaintext"].hex()}
              for name, e in VALID],
    "must_fail": must_fail,
}, indent=1))
