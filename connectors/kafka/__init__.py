"""Apache Kafka: how it is reached, which topics there are, and what is published to them."""
