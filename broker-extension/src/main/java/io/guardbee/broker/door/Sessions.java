package io.guardbee.broker.door;

import io.guardbee.pki.RefusedException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** The broker's sessions, as far as the door acts on them. */
interface Sessions {

  /**
   * Ends a client's connection.
   *
   * @param withWill whether its Will message may still be published
   * @return completes when it is closed, with false when no such client was connected
   */
  CompletableFuture<Boolean> disconnect(String clientId, RefusedException why, boolean withWill);

  /** Forgets a client's session: subscriptions, queued messages, a Will that waits. */
  CompletableFuture<Void> drop(String clientId);

  /** The client ids of all sessions, connected or not, that are wanted. */
  CompletableFuture<Set<String>> clientIds(Predicate<String> wanted);

  /** The topic filters that a client's session is subscribed to. */
  CompletableFuture<Set<String>> subscriptions(String clientId);
}
