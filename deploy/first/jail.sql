-- A jail's database to try the guide with. Yours exists: make a view with these columns over its tables, and let
-- holdwatch's user read that view and nothing else.
CREATE TABLE holds (
    seq bigserial PRIMARY KEY,
    booking_no text NOT NULL,
    booked_at timestamp NOT NULL,
    kind text NOT NULL,
    form text,
    placed_at timestamp NOT NULL,
    lifted_at timestamp,
    changed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO holds (booking_no, booked_at, kind, form, placed_at, lifted_at) VALUES
    ('P-1', '2026-03-02 08:00', 'ARREST', NULL, '2026-03-02 08:00', '2026-03-02 12:00'),
    ('P-1', '2026-03-02 08:00', 'ICE', 'I-247A', '2026-03-02 09:00', NULL),
    ('P-2', '2026-03-02 10:00', 'ARREST', NULL, '2026-03-02 10:00', NULL);
