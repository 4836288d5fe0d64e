package io.guardbee.broker.retained;

import io.guardbee.pki.Quoted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes retained messages, and counts them for the requests that wanted it. */
record Removal(RetainedMessages messages) {

  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);

  /** Under way at one time. */
  private static final int BATCH = 256;

  CompletableFuture<Void> remove(Collection<String> topics, ClearRequest request) {
    return remove(topics.stream().collect(Collectors.toMap(topic -> topic, topic -> request)));
  }

  /**
   * Removes the messages of these topics.
   *
   * @param found by topic, the request that it is counted for
   */
  CompletableFuture<Void> remove(Map<String, ClearRequest> found) {
    return removeFrom(new ArrayList<>(found.entrySet()), 0);
  }

  private CompletableFuture<Void> removeFrom(List<Map.Entry<String, ClearRequest>> all, int from) {
    if (from >= all.size()) {
      return CompletableFuture.completedFuture(null);
    }
    int to = Math.min(all.size(), from + BATCH);
    return CompletableFuture.allOf(
            all.subList(from, to).stream()
                .map(this::removeOne)
                .toArray(CompletableFuture<?>[]::new))
        .thenCompose(nothing -> removeFrom(all, to));
  }

  private CompletableFuture<Void> removeOne(Map.Entry<String, ClearRequest> one) {
    return messages
        .remove(one.getKey())
        .thenAccept(
            removed -> {
              if (removed) {
                one.getValue().cleared().incrementAndGet();
                LOG.debug("retained message on {} cleared", Quoted.of(one.getKey()));
              }
            });
  }
}
