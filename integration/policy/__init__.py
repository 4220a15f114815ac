"""Policy packs: the law a facility is held to, as data and as decisions that can be tried in every case."""
