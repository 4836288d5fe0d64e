package io.guardbee.broker.retained;

import io.guardbee.broker.policy.KnownDevice;
import io.guardbee.broker.policy.RetainedTopics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Compares all retained messages with what is to be cleared, and removes those that match: a
 * bounded number at a time, however many there are.
 */
final class ClearPass {

  /** Topics that are collected before they are removed. */
  private static final int PAGE = 50_000;

  private final RetainedMessages messages;
  private final RetainedTopics topics;

  /** Requests that know of a device, by its id. */
  private final Map<String, List<ClearRequest>> byId = new HashMap<>();

  private final List<ClearRequest> open = new ArrayList<>();

  ClearPass(RetainedMessages messages, RetainedTopics topics, List<ClearRequest> requests) {
    this.messages = messages;
    this.topics = topics;
    for (ClearRequest request : requests) {
      for (String id : request.known().keySet()) {
        byId.computeIfAbsent(id, first -> new ArrayList<>()).add(request);
      }
      if (request.isOpen()) {
        open.add(request);
      }
    }
  }

  /** Completes when nothing that matches is left. */
  CompletableFuture<Void> run() {
    Map<String, ClearRequest> found = new ConcurrentHashMap<>();
    return messages
        .forEachTopic(
            topic -> {
              find(topic, found);
              return found.size() < PAGE;
            })
        .thenCompose(nothing -> new Removal(messages).remove(found))
        .thenCompose(
            nothing -> found.size() < PAGE ? CompletableFuture.<Void>completedFuture(null) : run());
  }

  private void find(String topic, Map<String, ClearRequest> found) {
    for (String device : topics.mayBelongTo(topic)) {
      for (ClearRequest request : byId.getOrDefault(device, List.of())) {
        for (KnownDevice known : request.known().getOrDefault(device, List.of())) {
          if (topics.isCleared(topic, known)) {
            found.put(topic, request);
            return;
          }
        }
      }
      for (ClearRequest request : open) {
        if (request.means(device) && topics.isCleared(topic, KnownDevice.of(device))) {
          found.put(topic, request);
          return;
        }
      }
    }
  }
}
