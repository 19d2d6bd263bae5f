"""A mail server for tests: keeps what arrives, and says it, a JSON object a line.

smtp.py CERTIFICATE KEY     with STARTTLS, which it insists on, and a sign-in as taizhang, "pass word"
smtp.py                     without either

The first line is {"port": N}. Whom a mail is to decides what becomes of it: unknown@ is refused for
good, later@ for now, full@ after its text; slow@ is taken after three seconds.
"""
import asyncio
import base64
import email
import email.policy
import json
import logging
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

logging.disable()  # of connections cut short, which is what the tests do

USER, PASSWORD = b"taizhang", b"pass word"


def say(line):
    print(json.dumps(line), flush=True)


def part(message, kind):
    found = message.get_body((kind,))
    return found and found.get_content()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        answers = {"unknown": "550 5.1.1 no such mailbox", "later": "451 4.3.2 not now"}
        name = address.split("@")[0]
        if name in answers:
            return answers[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "full":
            return "552 5.2.2 mailbox full"
        if name == "slow":
            await asyncio.sleep(3)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say({
            "from": envelope.mail_from, "to": envelope.rcpt_tos,
            "tls": session.ssl is not None, "user": session.auth_data,
            "raw": base64.b64encode(envelope.content).decode(),
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "type": message.get_content_type(), "defects": [str(d) for d in message.defects],
            "parts": [p.get_content_type() for p in message.iter_parts()],
            "text": part(message, "plain"), "html": part(message, "html"),
        })
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    ok = data.login == USER and data.password == PASSWORD
    return AuthResult(success=ok, handled=False, auth_data=data.login.decode() if ok else None)


async def main(files):
    options = {}
    if files:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)
        options = dict(tls_context=context, require_starttls=True, auth_required=True,
                       authenticator=authenticate)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), hostname="receiver.test", **options), "127.0.0.1", 0)
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


asyncio.run(main(sys.argv[1:]))
