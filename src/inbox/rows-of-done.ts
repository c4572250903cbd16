/**
 * The queue rows of the messages in `done d`, as `h.tid`: that of a message's lane in the lease's shard, and those of a merge's other lanes. Found one by one
 * through the index, whatever the planner knows of a table that was empty a moment ago (docs/adr/0005). $1 is the queue, $2 the shard.
 */
export const rowsOfDone = `cross join lateral (
      select m.ctid as tid from queue m where m.queue = $1 and m.shard = $2 and m.id = d.id and m.lane = d.lane
      union all
      select o.ctid from queue o where o.queue = $1 and o.lane = any(d.others::text[]) and o.id = d.id
      offset 0) h`;
