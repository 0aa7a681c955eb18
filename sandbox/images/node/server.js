// The server as the course describes it, its weaknesses included: the table is made once, at start; a query that fails
// is never answered. It also runs on Node 10, which the client 7.4.3 needs.
const cors = require("cors");
const express = require("express");
const redis = require("redis");

const { env } = process;
const { Pool } = require(env.PG_CLIENT || "pg");
const pool = new Pool({
  user: env.PGUSER,
  host: env.PGHOST,
  database: env.PGDATABASE,
  password: env.PGPASSWORD,
  port: env.PGPORT,
});
pool.on("error", (error) => console.error(`Lost a connection to postgres: ${error.message}`));
pool.query("CREATE TABLE IF NOT EXISTS values (number INT)").catch((error) => console.error(error.message));

const store = redis.createClient({
  host: env.REDIS_HOST,
  port: env.REDIS_PORT,
  retry_strategy: () => 1000,
});
const publisher = store.duplicate();

const app = express();
app.use(cors());
app.use(express.json());
app.get("/", (request, response) => {
  response.send("Hi");
});
app.get("/values/all", async (request, response) => {
  const { rows } = await pool.query("SELECT * FROM values");
  response.send(rows);
});
app.get("/values/current", (request, response) => {
  store.hgetall("values", (error, values) => response.send(values));
});
app.post("/values", (request, response) => {
  const { index } = request.body;
  if (parseInt(index, 10) > 40) return response.status(422).send("Index too high");
  store.hset("values", index, "Nothing yet!");
  publisher.publish("insert", index);
  pool.query("INSERT INTO values(number) VALUES($1)", [index]);
  response.send({ working: true });
});
app.listen(5000, () => console.log("Listening"));
