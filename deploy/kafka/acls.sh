#!/bin/sh
# Who may do what on the topics: an example to adapt. The one rule that must stay: nobody but the gate's principal
# writes to jail.outbound.released, so that nothing leaves for immigration authorities which the gate has not let out.
#
#   KAFKA_SERVER=broker:9093 KAFKA_ADMIN=admin.properties deploy/kafka/acls.sh [PREFIX]
#
# KAFKA_ADMIN: client settings of a super user. PREFIX: topic_prefix of the settings. KAFKA_ACLS: Kafka's kafka-acls.sh.
# The brokers need: authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer and
# allow.everyone.if.no.acl.found=false (the default), and every listener of theirs has to ask who is there.
# Rules add up and are never taken away by this script: `kafka-acls.sh --list` shows what is in force. A super user, a
# rule for all topics ("*") and one for a prefix of this name would all get past it.
set -eu
: "${KAFKA_SERVER:?}" "${KAFKA_ADMIN:?}"
prefix=${1:-}

may() {
  "${KAFKA_ACLS:-kafka-acls.sh}" --bootstrap-server "$KAFKA_SERVER" --command-config "$KAFKA_ADMIN" --add "$@"
}

# The jail's systems report what happens, and hand over messages to immigration authorities for a decision.
may --allow-principal User:jms --operation Write --operation Describe \
  --topic "${prefix}jail.events" --topic "${prefix}jail.outbound.pending"

# Workers and sequencer: they read events and write their own due events to the same topic, and tell the rest.
may --allow-principal User:holdwatch --operation Read --operation Describe \
  --topic "${prefix}jail.events" --group "${prefix}holdwatch"
may --allow-principal User:holdwatch --operation Write --operation Describe \
  --topic "${prefix}jail.events" --topic "${prefix}jail.findings" --topic "${prefix}jail.decisions" \
  --topic "${prefix}jail.alerts" --topic "${prefix}jail.deadletters"

# The gate: it alone writes what may be sent.
may --allow-principal User:gate --operation Read --operation Describe \
  --topic "${prefix}jail.outbound.pending" --group "${prefix}gate"
may --allow-principal User:gate --operation Write --operation Describe --topic "${prefix}jail.outbound.released"

# What sends it on: it reads, and writes nothing.
may --allow-principal User:sender --operation Read --operation Describe \
  --topic "${prefix}jail.outbound.released" --group "${prefix}sender"

# Whoever runs `holdwatch topics`: it creates topics and compares them, and reads and writes no message.
may --allow-principal User:topics --operation Create --operation Describe --operation DescribeConfigs \
  --topic "${prefix}jail." --resource-pattern-type prefixed
