#!/usr/bin/python3
"""A mail server for tests: does what the recipient's name asks for.

Prints "port N" when it listens; prints every message it took as one JSON line;
ends when its standard input does. Recipients:

  ok@...       accepted: 250 2.0.0 Ok: queued as Q<number>
  nobody@...   550 5.1.1, full@... 452 4.2.2, policy@... 550 5.7.1
  spam@...     554 5.7.1 to the message
  drop@...     the connection is closed after the final dot, without a reply
  hang@...     no reply after the final dot
  dropdata@... the connection is closed at DATA

--auth asks for user "kim", password "canary-password" (AUTH PLAIN and LOGIN);
a refusal repeats the password, as some servers do. --tls CERT KEY offers
STARTTLS; --smtps wraps the whole connection.
"""
import argparse
import asyncio
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# Log-ins without TLS and broken handshakes are meant here.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

REFUSALS = {
    "nobody": "550 5.1.1 <{}>: no such user here",
    "full": "452 4.2.2 <{}>: mailbox full",
    "policy": "550 5.7.1 <{}>: blocked by policy",
}


class Handler:
    def __init__(self):
        self.sessions = {}
        self.count = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("badsender"):
            return "550 5.1.1 sender unknown"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name in REFUSALS:
            return REFUSALS[name].format(address)
        envelope.rcpt_tos.append(address)
        if name == "dropdata":
            asyncio.get_running_loop().call_later(
                0.05, server.transport.abort)
            await asyncio.sleep(0.1)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        number = self.sessions.setdefault(id(session), len(self.sessions))
        print(json.dumps({
            "session": number,
            "ehlo": session.host_name,
            "tls": server.transport.get_extra_info("sslcontext") is not None,
            "login": session.authenticated,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": envelope.original_content.decode("utf-8"),
        }), flush=True)
        if name == "drop":
            server.transport.abort()
            return "250 never seen"
        if name == "hang":
            await asyncio.sleep(30)
        if name == "spam":
            return "554 5.7.1 looks like spam"
        self.count += 1
        return "250 2.0.0 Ok: queued as Q%d" % self.count


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data == LoginPassword(
        b"kim", b"canary-password")
    if good:
        return AuthResult(success=True)
    return AuthResult(
        success=False, handled=False,
        message="535 5.7.8 %s/%s refused" % (
            data.login.decode(), data.password.decode()))


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--auth", action="store_true")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--smtps", action="store_true")
    options = parser.parse_args()

    context = None
    if options.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*options.tls)
    handler = Handler()

    def factory():
        return SMTP(
            handler,
            hostname="test",
            auth_required=options.auth,
            auth_require_tls=False,
            authenticator=authenticate if options.auth else None,
            tls_context=None if options.smtps else context)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        factory, "127.0.0.1", 0, ssl=context if options.smtps else None)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
