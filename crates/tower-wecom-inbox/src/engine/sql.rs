//! What SQLite and PostgreSQL say in the same words, but for the names of tables and of time.

/// The part of an engine with a `pool` and `limits` that differs in words alone. `list` is the query that makes rows out of `$1`, a JSON list.
macro_rules! shared_sql {
    (
        $engine:ty, jobs: $jobs:literal, workers: $workers:literal, list: $list:literal, now: $now:literal,
        ago: $ago:literal, time: $time:literal, seconds: $seconds:literal
    ) => {
        impl $engine {
            async fn say_alive(&self, worker: &str) -> Result<(), sqlx::Error> {
                let text = concat!(
                    "INSERT INTO ", $workers, " (id, worker_type, storage_name, layers, last_seen) \
                     VALUES ($1, $2, 'tower-wecom-inbox', '', ", $now, ") \
                     ON CONFLICT (id) DO UPDATE SET last_seen = ", $now
                );
                let query = sqlx::query(text).bind(worker).bind(&self.limits.queue);
                query.execute(&self.pool).await.map(drop)
            }

            async fn say_goodbye(&self, worker: &str) -> Result<(), sqlx::Error> {
                let text = concat!("DELETE FROM ", $workers, " WHERE id = $1");
                let query = sqlx::query(text).bind(worker);
                query.execute(&self.pool).await.map(drop)
            }

            /// The entry keeps its key, so that it is known again, and nothing of the callback.
            async fn write_down(
                &self,
                worker: &str,
                finished: Vec<$crate::engine::Finished>,
            ) -> Result<(), sqlx::Error> {
                use $crate::engine::Fate;

                let mut transaction = self.pool.begin().await?;
                let mut done = Vec::new();
                for $crate::engine::Finished { id, fate } in finished {
                    let text = match fate {
                        Fate::Done => {
                            done.push(id);
                            continue;
                        }
                        // A fresh attempt has not been taken back from anybody yet.
                        Fate::Again { .. } => concat!(
                            "UPDATE ", $jobs, " SET status = 'Pending', lock_by = NULL, lock_at = NULL, attempts = 0, \
                             run_at = ", $time, ", job = $4 \
                             WHERE id = $1 AND lock_by = $2 AND status IN ('Queued', 'Running')"
                        ),
                        Fate::Later { .. } => concat!(
                            "UPDATE ", $jobs, " SET status = 'Pending', lock_by = NULL, lock_at = NULL, \
                             attempts = attempts + 1, run_at = ", $time, ", job = COALESCE($4, job) \
                             WHERE id = $1 AND lock_by = $2 AND status IN ('Queued', 'Running')"
                        ),
                        Fate::Dead { .. } => concat!(
                            "UPDATE ", $jobs, " SET status = 'Killed', lock_by = NULL, lock_at = NULL, \
                             done_at = ", $time, ", job = $4 \
                             WHERE id = $1 AND lock_by = $2 AND status IN ('Queued', 'Running')"
                        ),
                    };
                    let (time, body) = match fate {
                        Fate::Again { run_at, body } => (run_at, Some(body)),
                        Fate::Later { run_at } => (run_at, None),
                        Fate::Dead { body } => ($crate::clock::now(), Some(body)),
                        Fate::Done => continue,
                    };
                    let query = sqlx::query(text).bind(id).bind(worker);
                    let query = query.bind(i64::try_from(time).unwrap_or(i64::MAX)).bind(body);
                    query.execute(&mut *transaction).await?;
                }
                // Whoever holds it now, or has given it up: it is done. Not `status IN (…)`: SQLite would look at all that waits
                // by its index of statuses, 142 ms for 65,000, and not at these by their ids.
                let text = concat!(
                    "UPDATE ", $jobs, " SET status = 'Done', done_at = ", $now, ", job = $2, \
                     lock_by = NULL, lock_at = NULL WHERE id IN (", $list, ") AND status <> 'Done'"
                );
                if !done.is_empty() {
                    let done = serde_json::Value::from(done).to_string();
                    let query = sqlx::query(text).bind(done).bind(Vec::<u8>::new());
                    query.execute(&mut *transaction).await?;
                }
                transaction.commit().await
            }

            async fn let_go(&self, worker: &str, but: Vec<String>) -> Result<(), sqlx::Error> {
                let text = concat!(
                    "UPDATE ", $jobs, " SET status = 'Pending', lock_by = NULL, lock_at = NULL \
                     WHERE lock_by = $2 AND status IN ('Queued', 'Running') AND id NOT IN (", $list, ")"
                );
                let but = serde_json::Value::from(but).to_string();
                let query = sqlx::query(text).bind(but).bind(worker);
                query.execute(&self.pool).await.map(drop)
            }

            /// Tells whether there may be more.
            async fn remove_done(&self, at_once: u16) -> Result<bool, sqlx::Error> {
                let keep = i64::try_from(self.limits.keep.as_secs()).unwrap_or(i64::MAX);
                let text = concat!(
                    "DELETE FROM ", $jobs, " WHERE id IN (SELECT id FROM ", $jobs, " WHERE job_type = $1 \
                     AND status = 'Done' AND done_at < ", $ago, " LIMIT $3)"
                );
                let query = sqlx::query(text).bind(&self.limits.queue).bind(keep);
                let done = query.bind(i64::from(at_once)).execute(&self.pool).await?;
                // Each start has workers of new names.
                let text = concat!(
                    "DELETE FROM ", $workers, " WHERE worker_type = $1 AND last_seen < ", $ago, " \
                     AND NOT EXISTS (SELECT 1 FROM ", $jobs, " j WHERE j.lock_by = ", $workers, ".id)"
                );
                let query = sqlx::query(text).bind(&self.limits.queue).bind(86_400_i64);
                query.execute(&self.pool).await?;
                Ok(done.rows_affected() >= u64::from(at_once))
            }

            async fn count_all(&self) -> Result<$crate::engine::Counts, sqlx::Error> {
                let count = |text: &'static str| {
                    sqlx::query_scalar::<_, i64>(text).bind(&self.limits.queue).fetch_one(&self.pool)
                };
                let waiting = count(concat!(
                    "SELECT COUNT(*) FROM ", $jobs, " WHERE job_type = $1 \
                     AND status IN ('Pending', 'Queued', 'Running', 'Failed')"
                ));
                let waiting = waiting.await?;
                let dead = count(concat!(
                    "SELECT COUNT(*) FROM ", $jobs, " WHERE job_type = $1 AND status = 'Killed'"
                ));
                let dead = dead.await?;
                let due_since: Option<i64> = sqlx::query_scalar(concat!(
                    "SELECT ", $seconds, " FROM ", $jobs, " WHERE job_type = $1 AND status = 'Pending' \
                     AND lock_by IS NULL AND run_at <= ", $now
                ))
                .bind(&self.limits.queue)
                .fetch_one(&self.pool)
                .await?;
                let seconds = due_since.and_then(|seconds| u64::try_from(seconds).ok());
                Ok($crate::engine::Counts {
                    waiting: u64::try_from(waiting).unwrap_or_default(),
                    dead: u64::try_from(dead).unwrap_or_default(),
                    due_since: seconds.and_then($crate::clock::at),
                })
            }

            async fn find_dead(&self, at_most: u32) -> Result<$crate::engine::Letters, sqlx::Error> {
                sqlx::query_as(concat!(
                    "SELECT id, job FROM ", $jobs, " WHERE job_type = $1 AND status = 'Killed' ORDER BY id LIMIT $2"
                ))
                .bind(&self.limits.queue)
                .bind(i64::from(at_most))
                .fetch_all(&self.pool)
                .await
            }

            async fn find_dead_one(&self, id: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
                sqlx::query_scalar(concat!(
                    "SELECT job FROM ", $jobs, " WHERE job_type = $1 AND status = 'Killed' AND id = $2"
                ))
                .bind(&self.limits.queue)
                .bind(id)
                .fetch_optional(&self.pool)
                .await
            }

            async fn raise(&self, id: &str, body: Vec<u8>) -> Result<bool, sqlx::Error> {
                let raised = sqlx::query(concat!(
                    "UPDATE ", $jobs, " SET status = 'Pending', attempts = 0, run_at = ", $now, ", done_at = NULL, \
                     lock_by = NULL, lock_at = NULL, job = $3 \
                     WHERE job_type = $1 AND status = 'Killed' AND id = $2"
                ))
                .bind(&self.limits.queue)
                .bind(id)
                .bind(body)
                .execute(&self.pool)
                .await?;
                Ok(raised.rows_affected() > 0)
            }

            /// Its key is known until it is swept.
            async fn bury(&self, id: &str) -> Result<(), sqlx::Error> {
                sqlx::query(concat!(
                    "UPDATE ", $jobs, " SET status = 'Done', done_at = ", $now, ", job = $3 \
                     WHERE job_type = $1 AND status = 'Killed' AND id = $2"
                ))
                .bind(&self.limits.queue)
                .bind(id)
                .bind(Vec::<u8>::new())
                .execute(&self.pool)
                .await
                .map(drop)
            }
        }
    };
}

/// The methods of `Engine` for which the words are shared.
macro_rules! shared_methods {
    () => {
        fn heartbeat<'a>(&'a self, worker: &'a str) -> Answer<'a, ()> {
            Box::pin(async { self.say_alive(worker).await.map_err(InboxError::storage) })
        }

        fn finish<'a>(&'a self, worker: &'a str, finished: Vec<Finished>) -> Answer<'a, ()> {
            Box::pin(async {
                let written = self.write_down(worker, finished).await;
                written.map_err(InboxError::storage)
            })
        }

        fn give_back<'a>(&'a self, worker: &'a str, but: Vec<String>) -> Answer<'a, ()> {
            Box::pin(async { self.let_go(worker, but).await.map_err(InboxError::storage) })
        }

        fn leave<'a>(&'a self, worker: &'a str) -> Answer<'a, ()> {
            Box::pin(async { self.say_goodbye(worker).await.map_err(InboxError::storage) })
        }

        fn sweep(&self) -> Answer<'_, bool> {
            Box::pin(async {
                let more = self.remove_done(SWEEP_AT_ONCE).await;
                more.map_err(InboxError::storage)
            })
        }

        fn count(&self) -> Answer<'_, Counts> {
            Box::pin(async { self.count_all().await.map_err(InboxError::storage) })
        }

        fn dead(&self, at_most: u32) -> Answer<'_, Letters> {
            Box::pin(async move { self.find_dead(at_most).await.map_err(InboxError::storage) })
        }

        fn dead_one<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Vec<u8>>> {
            Box::pin(async { self.find_dead_one(id).await.map_err(InboxError::storage) })
        }

        fn revive<'a>(&'a self, id: &'a str, body: Vec<u8>) -> Answer<'a, bool> {
            Box::pin(async { self.raise(id, body).await.map_err(InboxError::storage) })
        }

        fn forget<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
            Box::pin(async { self.bury(id).await.map_err(InboxError::storage) })
        }
    };
}

pub(super) use {shared_methods, shared_sql};
