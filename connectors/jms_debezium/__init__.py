"""Change events of a database, as Debezium writes them to Kafka."""
