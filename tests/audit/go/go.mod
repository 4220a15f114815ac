module holdwatch.example/audit-interop

go 1.25.0

// Not older: before v0.40.0 tlog.TileHashReader accepted tiles nobody had signed (CVE-2026-56865).
require golang.org/x/mod v0.40.0
