"""The connectors in one process, beside the engine: what comes in is taken in here, deadlines are the engine's."""
