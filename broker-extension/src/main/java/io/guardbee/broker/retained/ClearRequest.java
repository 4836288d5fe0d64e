package io.guardbee.broker.retained;

import io.guardbee.broker.policy.KnownDevice;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose retained messages are to be cleared.
 *
 * @param known by device id, what is known of it
 * @param others which other devices are meant too, by their ids; null for none
 * @param cleared how many messages were removed for it
 * @param done completes when all are removed, with their number
 */
record ClearRequest(
    Map<String, List<KnownDevice>> known,
    @Nullable Predicate<String> others,
    AtomicInteger cleared,
    CompletableFuture<Integer> done) {

  private static final Logger LOG = LoggerFactory.getLogger(ClearRequest.class);

  static ClearRequest of(Collection<KnownDevice> devices) {
    return of(
        devices.stream().distinct().collect(Collectors.groupingBy(KnownDevice::deviceId)), null);
  }

  static ClearRequest of(Predicate<String> devices) {
    return of(Map.of(), devices);
  }

  private static ClearRequest of(
      Map<String, List<KnownDevice>> known, @Nullable Predicate<String> others) {
    return new ClearRequest(known, others, new AtomicInteger(), new CompletableFuture<>());
  }

  /** Whether it means devices of which only the ids are known. */
  boolean isOpen() {
    return others != null;
  }

  /** Whether it means that device, of which nothing else is known. */
  boolean means(String device) {
    return others != null && others.test(device);
  }

  void complete() {
    if (cleared.get() > 0) {
      LOG.info("{} retained messages of revoked devices cleared", cleared);
    }
    done.complete(cleared.get());
  }
}
