package io.guardbee.broker.retained;

import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** The broker's retained messages, as far as clearing needs them. Thread-safe. */
public interface RetainedMessages {

  /**
   * Goes through the topics of all retained messages.
   *
   * @param visitor returns whether it wants more
   * @return completes after the last one
   */
  CompletableFuture<Void> forEachTopic(Predicate<String> visitor);

  /**
   * Removes a retained message.
   *
   * @return completes with false when there was none
   */
  CompletableFuture<Boolean> remove(String topic);
}
