package io.guardbee.broker.session;

import io.guardbee.pki.RefusedException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** The broker's sessions, as far as the door acts on them. Thread-safe. */
public interface Sessions {

  /**
   * Ends a client's connection.
   *
   * @param withWill whether its Will message may still be published
   * @return completes when it is closed, with false when no such client was connected
   */
  CompletableFuture<Boolean> disconnect(String clientId, RefusedException why, boolean withWill);

  /**
   * Forgets a client's session: subscriptions and queued messages.
   *
   * @param withWill whether a Will that waits for its delay may still be published
   */
  CompletableFuture<Void> drop(String clientId, boolean withWill);

  /** Whether there is a session of that client id, connected or not. */
  CompletableFuture<Boolean> exists(String clientId);

  /** Whether there is a session of that client id that outlives its connection. */
  CompletableFuture<Boolean> isKept(String clientId);

  /** The client ids of all sessions, connected or not, that are wanted. */
  CompletableFuture<Set<String>> clientIds(Predicate<String> wanted);

  /** What a client's session is subscribed to. */
  CompletableFuture<Set<Subscribed>> subscriptions(String clientId);

  /** Ends subscriptions; the client is not told, MQTT has no word for it. */
  CompletableFuture<Void> unsubscribe(String clientId, Set<String> filters);
}
