// Seat reservations as users of Express and better-sqlite3 write them: one short transaction for
// each request, which nothing in the same process can come between.
const cluster = require("node:cluster");
const { randomUUID } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const Database = require("better-sqlite3");
const express = require("express");
const { z } = require("zod");

const { DATABASE, PORT, SYNCHRONOUS = "NORMAL" } = process.env;
const PROCESSES = Number(process.env.PROCESSES ?? 1);
const BUSY_MS_MAX = 5000;
const SCHEMA = join(__dirname, "..", "schema.sql");

function open() {
  const db = new Database(DATABASE, { timeout: BUSY_MS_MAX });
  db.pragma("journal_mode = WAL");
  db.pragma("foreign_keys = ON");
  db.pragma(`synchronous = ${SYNCHRONOUS}`);
  db.exec(readFileSync(SCHEMA, "utf8"));
  return db;
}

const EventBody = z.object({
  eventId: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/),
  name: z.string().min(1).max(200),
  totalSeats: z.int().positive(),
});
const ReserveBody = z.object({
  partnerId: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/),
  seats: z.int().min(1).max(10),
});

function body(schema) {
  return (req, res, next) => {
    const checked = schema.safeParse(req.body);
    if (!checked.success) return res.status(400).json({ error: z.prettifyError(checked.error) });
    req.body = checked.data;
    next();
  };
}

function serve() {
  const db = open();
  const insertEvent = db.prepare(
    "INSERT INTO events (event_id, name, total_seats, available_seats) VALUES (?, ?, ?, ?)",
  );
  const takeSeats = db.prepare(`
    UPDATE events
       SET available_seats = available_seats - :seats, version = version + 1,
           reservation_count = reservation_count + 1
     WHERE event_id = :eventId AND available_seats >= :seats`);
  const insertReservation = db.prepare(
    "INSERT INTO reservations (reservation_id, event_id, partner_id, seats) VALUES (?, ?, ?, ?)",
  );
  const selectEvent = db.prepare(`
    SELECT event_id AS eventId, name, total_seats AS totalSeats,
           available_seats AS availableSeats, reservation_count AS reservationCount, version
      FROM events WHERE event_id = ?`);
  const reserve = db.transaction((eventId, partnerId, seats) => {
    if (takeSeats.run({ eventId, seats }).changes === 0) return null;
    const reservationId = randomUUID();
    insertReservation.run(reservationId, eventId, partnerId, seats);
    return reservationId;
  }).immediate;

  const app = express();
  app.use(express.json());

  app.post("/events", body(EventBody), (req, res) => {
    const { eventId, name, totalSeats } = req.body;
    insertEvent.run(eventId, name, totalSeats, totalSeats);
    res.status(201).json(selectEvent.get(eventId));
  });

  app.get("/events/:eventId", (req, res) => {
    const event = selectEvent.get(req.params.eventId);
    if (!event) return res.status(404).json({ error: "Event not found" });
    res.json(event);
  });

  app.post("/events/:eventId/reservations", body(ReserveBody), (req, res) => {
    const { eventId } = req.params;
    const { partnerId, seats } = req.body;
    const reservationId = reserve(eventId, partnerId, seats);
    if (reservationId) {
      return res.status(201).json({ reservationId, eventId, partnerId, seats, status: "confirmed" });
    }
    if (!selectEvent.get(eventId)) return res.status(404).json({ error: "Event not found" });
    res.status(409).json({ error: "Not enough seats left" });
  });

  app.get("/readyz", (req, res) => res.json({ status: "ready" }));

  app.listen(Number(PORT), "127.0.0.1");
}

if (PROCESSES > 1 && cluster.isPrimary) {
  // The tables are made once, before there are two who would make them.
  open().close();
  for (let n = 0; n < PROCESSES; n++) cluster.fork();
} else {
  serve();
}
