package io.guardbee.broker.session;

import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.services.exception.NoSuchClientIdException;
import com.hivemq.extension.sdk.api.services.session.ClientService;
import com.hivemq.extension.sdk.api.services.subscription.SubscriptionStore;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Sessions by HiveMQ's services, which need no particular thread once they are at hand. */
public record HiveMqSessions(ClientService clients, SubscriptionStore subscriptions)
    implements Sessions {

  @Override
  public CompletableFuture<Boolean> disconnect(
      String clientId, RefusedException why, boolean withWill) {
    return clients.disconnectClient(clientId, !withWill, codeOf(why.reason()), why.line());
  }

  /** MQTT 5 §3.14.2.1. */
  private static DisconnectReasonCode codeOf(Reason reason) {
    return switch (reason) {
      case RATE_LIMITED -> DisconnectReasonCode.MESSAGE_RATE_TOO_HIGH;
      case CONNECTIONS_EXHAUSTED -> DisconnectReasonCode.QUOTA_EXCEEDED;
      case INTERNAL -> DisconnectReasonCode.SERVER_SHUTTING_DOWN;
      default -> DisconnectReasonCode.NOT_AUTHORIZED;
    };
  }

  @Override
  public CompletableFuture<Void> drop(String clientId, boolean withWill) {
    // invalidateSession alone would publish the Will of a client that it disconnects; the first
    // call also withdraws a Will that waits for its delay (MQTT 5 §3.1.3.2.2)
    return clients
        .disconnectClient(clientId, !withWill, DisconnectReasonCode.NOT_AUTHORIZED, null)
        .thenCompose(connected -> clients.invalidateSession(clientId))
        .handle(HiveMqSessions::unlessMissing);
  }

  @Override
  public CompletableFuture<Boolean> exists(String clientId) {
    return clients.getSession(clientId).thenApply(Optional::isPresent);
  }

  @Override
  public CompletableFuture<Boolean> isKept(String clientId) {
    return clients
        .getSession(clientId)
        .thenApply(found -> found.map(one -> one.getSessionExpiryInterval() > 0).orElse(false));
  }

  private static Void unlessMissing(Object done, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause != null && !(cause instanceof NoSuchClientIdException)) {
      throw new CompletionException(cause);
    }
    return null;
  }

  @Override
  public CompletableFuture<Set<String>> clientIds(Predicate<String> wanted) {
    Set<String> found = ConcurrentHashMap.newKeySet();
    return clients
        .iterateAllClients(
            (context, session) -> {
              if (wanted.test(session.getClientIdentifier())) {
                found.add(session.getClientIdentifier());
              }
            })
        .thenApply(nothing -> found);
  }

  @Override
  public CompletableFuture<Set<Subscribed>> subscriptions(String clientId) {
    return subscriptions
        .getSubscriptions(clientId)
        .thenApply(
            all ->
                all.stream()
                    .map(one -> new Subscribed(one.getTopicFilter(), one.getQos().getQosNumber()))
                    .collect(Collectors.toSet()));
  }

  @Override
  public CompletableFuture<Void> unsubscribe(String clientId, Set<String> filters) {
    return filters.isEmpty()
        ? CompletableFuture.completedFuture(null)
        : subscriptions.removeSubscriptions(clientId, filters);
  }
}
