"""A broker that asks who is there (SCRAM over TLS) and has access rules, as a county's would be."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.kafka.config import Kafka, Security
from tests.kafka.broker import ROOT, Broker
from tests.ports import free_port

ADMIN = "admin"
PASSWORD = "invented-{user}-password"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secure},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=SASL_SSL
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={scram} required username="{admin}" password="{password}";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={plainly} required \\
  username="{admin}" password="{password}" user_{admin}="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={folder}/server.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{admin}
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=2097152
"""
CLIENT = """
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config={scram} required username="{admin}" password="{password}";
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
"""


class SecuredBroker(Broker):
    """One broker with users. Its plain listener lets in whoever comes: the rules have to stop them there too."""

    def __init__(self, users: list[str]) -> None:
        super().__init__()
        plain, self.secure_port, controller = (free_port() for _ in range(3))
        (self.folder / "port").write_text(str(plain))
        words = {"folder": self.folder, "admin": ADMIN, "password": PASSWORD.format(user=ADMIN), "scram": SCRAM}
        ports = {"plain": plain, "secure": self.secure_port, "controller": controller}
        settings = self.folder / "server.properties"
        settings.write_text(SETTINGS.format(**words, **ports, plainly=PLAIN))
        (self.folder / "admin.properties").write_text(CLIENT.format(**words))
        write_certificates(self.folder)
        for user in users:
            path = self.folder / f"{user}.password"
            path.write_text(PASSWORD.format(user=user) + "\n")
            path.chmod(0o600)
        scram = [f"SCRAM-SHA-512=[name={user},password={PASSWORD.format(user=user)}]" for user in (ADMIN, *users)]
        added = [word for one in scram for word in ("--add-scram", one)]
        self.tool("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", str(settings), *added)

    def tool(self, *words: str) -> str:
        """Run a Java program of Kafka's; returns what it said."""
        done = subprocess.run(
            ["java", *words],
            env=os.environ | {"CLASSPATH": self.class_path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def allow(self, prefix: str) -> None:
        """Run deploy/kafka/acls.sh."""
        program = self.folder / "kafka-acls.sh"
        program.write_text('#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 org.apache.kafka.tools.AclCommand "$@"\n')
        program.chmod(0o700)
        words = {"KAFKA_SERVER": f"127.0.0.1:{self.secure_port}", "KAFKA_ADMIN": str(self.folder / "admin.properties")}
        own = {"KAFKA_ACLS": str(program), "CLASSPATH": self.class_path}
        done = subprocess.run(
            [ROOT / "deploy/kafka/acls.sh", prefix], env=os.environ | words | own, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def settings(self, user: str, **others: object) -> Kafka:
        """The table ``[kafka]`` as a user of this broker would have it."""
        security = Security(
            protocol="sasl_ssl",
            user=user,
            password_file=self.folder / f"{user}.password",
            ca_file=self.folder / "ca.pem",
        )
        single = {"partitions": 1, "replication": 1, "min_insync": 1}
        return Kafka(servers=[f"127.0.0.1:{self.secure_port}"], security=security, **(single | others))


def write_certificates(folder: Path) -> None:
    """An authority of our own, and a certificate of its for 127.0.0.1."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "invented authority")])
    now = datetime.now(UTC)

    def certificate(name: x509.Name, owner: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType) -> bytes:
        building = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(owner.public_key())
        building = building.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
        building = building.not_valid_after(now + timedelta(days=1))
        for extension in extensions:
            building = building.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return building.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM)

    (folder / "ca.pem").write_bytes(certificate(issuer, authority, x509.BasicConstraints(ca=True, path_length=None)))
    place = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    own = certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")]), key, place)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(secret + own + (folder / "ca.pem").read_bytes())
