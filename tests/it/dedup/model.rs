//! Random sequences of steps by three runs, compared with a model of a few lines.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, MemoryStore, Store};

use crate::properties::{holds, runtime};

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
enum Step {
    Claim,
    /// A claim with a lease that ends at once.
    ClaimAndLapse,
    /// A claim of what may be finished.
    ClaimAgain,
    Renew,
    Commit,
    Release,
    Abandon,
}

/// The state of a key by the contract.
#[derive(Clone, PartialEq)]
enum State {
    Running(u8),
    /// Running, but the lease has ended.
    Lapsed,
    Finished(u8),
}

fn answer(run: u8) -> KeptAnswer {
    KeptAnswer::from_bytes(&[b't', b'0' + run]).unwrap()
}

fn steps() -> impl Strategy<Value = Vec<(Step, u8, u8)>> {
    let step = prop_oneof![
        4 => Just(Step::Claim),
        1 => Just(Step::ClaimAndLapse),
        1 => Just(Step::ClaimAgain),
        1 => Just(Step::Renew),
        2 => Just(Step::Commit),
        2 => Just(Step::Release),
        1 => Just(Step::Abandon),
    ];
    prop::collection::vec((step, 0..2u8, 0..3u8), 0..60)
}

#[test]
fn the_memory_does_what_the_model_does() {
    holds(256, &steps(), |steps| {
        runtime().block_on(async {
            let store = MemoryStore::new();
            let mut model: HashMap<u8, State> = HashMap::new();
            for (step, key, run) in steps {
                let (id, token) = (DedupKey::from_bytes([key; 32]), ClaimToken::new(run.into()));
                let state = model.get(&key).cloned();
                // Any run may claim a key that has no claim, or whose lease has ended.
                let is_open = matches!(state, None | Some(State::Lapsed));
                let is_ours = state == Some(State::Running(run));
                match step {
                    Step::Claim | Step::ClaimAndLapse => {
                        let lapses = matches!(step, Step::ClaimAndLapse);
                        let lease = if lapses { Duration::ZERO } else { MINUTE };
                        let expected = match &state {
                            _ if is_open || is_ours => Claim::Granted,
                            Some(State::Finished(by)) => Claim::Finished(answer(*by)),
                            _ => Claim::Running,
                        };
                        prop_assert_eq!(store.claim(id, token, lease).await.unwrap(), expected);
                        if is_open || is_ours {
                            model.insert(
                                key,
                                if lapses {
                                    State::Lapsed
                                } else {
                                    State::Running(run)
                                },
                            );
                        }
                    }
                    Step::ClaimAgain => {
                        let is_taken = matches!(state, Some(State::Running(_))) && !is_ours;
                        let claim = store.claim_again(id, token, MINUTE).await.unwrap();
                        prop_assert_eq!(claim == Claim::Running, is_taken);
                        if !is_taken {
                            prop_assert_eq!(claim, Claim::Granted);
                            model.insert(key, State::Running(run));
                        }
                    }
                    Step::Renew => {
                        let renewed = store.renew(id, token, MINUTE).await.unwrap();
                        prop_assert_eq!(renewed, is_ours || is_open);
                        if renewed {
                            model.insert(key, State::Running(run));
                        }
                    }
                    Step::Commit => {
                        let committed = store.commit(id, token, answer(run), MINUTE).await.unwrap();
                        prop_assert_eq!(committed, is_ours || is_open);
                        if committed {
                            model.insert(key, State::Finished(run));
                        }
                    }
                    Step::Release | Step::Abandon => {
                        if matches!(step, Step::Release) {
                            store.release(id, token).await.unwrap();
                        } else {
                            store.abandon(id, token);
                        }
                        if is_ours {
                            model.remove(&key);
                        }
                    }
                }
            }
            Ok(())
        })
    });
}
