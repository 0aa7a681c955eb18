// Hears an index on the channel `insert` and stores its Fibonacci number, counted from fib(0) = fib(1) = 1.
const redis = require("redis");

const store = redis.createClient({
  host: process.env.REDIS_HOST,
  port: process.env.REDIS_PORT,
  retry_strategy: () => 1000,
});
const subscription = store.duplicate();

// Slow on purpose, and without an end for what is no number: so is the original.
const fib = (index) => (index < 2 ? 1 : fib(index - 1) + fib(index - 2));

subscription.on("message", (channel, message) => {
  store.hset("values", message, fib(parseInt(message, 10)));
});
subscription.subscribe("insert");
