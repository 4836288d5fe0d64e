package io.guardbee.broker.retained;

import com.hivemq.extension.sdk.api.services.publish.RetainedMessageStore;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Retained messages by HiveMQ's service. */
public record HiveMqRetainedMessages(RetainedMessageStore store) implements RetainedMessages {

  @Override
  public CompletableFuture<Void> forEachTopic(Predicate<String> visitor) {
    return store.iterateAllRetainedMessages(
        (context, message) -> {
          if (!visitor.test(message.getTopic())) {
            context.abortIteration();
          }
        });
  }

  @Override
  public CompletableFuture<Boolean> remove(String topic) {
    return store
        .getRetainedMessage(topic)
        .thenCompose(
            found ->
                found.isEmpty()
                    ? CompletableFuture.completedFuture(false)
                    : store.remove(topic).thenApply(removed -> true));
  }
}
