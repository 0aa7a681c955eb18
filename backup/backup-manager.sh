# One dump a day. A failed one is tried again after ten minutes; nothing ends this container, so that the pod stays ready.
trap exit TERM
until pg_isready -q; do sleep 5 & wait $!; done
while :; do
  has_daily || (dump) || :
  sleep 600 & wait $!
done
