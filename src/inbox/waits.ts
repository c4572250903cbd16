/** What keeps a row of a queue waiting, as columns of a statement over `queue q`. */

/**
 * The id before `q` in its lane that has a row still, as `before`. A drain reads on from the last id it has seen, and a lower one may appear behind it: committed
 * by another engine, replayed, or of a lane whose backoff has just ended. Whoever sees a row sees what came before it in its lane, as that was committed
 * first; so a row is begun only where its predecessor is gone, or is one that the drain itself has in hand.
 */
export const predecessor = `(select e.id::text from queue e where e.queue = q.queue and e.lane = q.lane and e.id < q.id order by e.id desc limit 1) as before`;

/** Whether a merge must wait for one of its other lanes, which has an earlier message or is held, as `waits`. The row of a further lane only waits. */
export const waits = `q.blocker or (q.others is not null and (
    exists (select from queue e where e.queue = q.queue and e.lane = any(q.others) and e.id < q.id)
    or exists (select from hold o where o.queue = q.queue and o.lane = any(q.others) and o.until > now()))) as waits`;
