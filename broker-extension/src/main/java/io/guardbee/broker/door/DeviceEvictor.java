package io.guardbee.broker.door;

import io.guardbee.broker.policy.KnownDevice;
import io.guardbee.broker.retained.RetainedClearing;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.Deletion;
import io.guardbee.broker.status.Evictor;
import io.guardbee.broker.status.NewlyBlocked;
import io.guardbee.broker.status.Remains;
import io.guardbee.broker.status.RevokedDevice;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends connections and sessions of blocked certificates, and clears the retained messages of
 * revoked devices: after their connections are closed, so that nothing is retained after that.
 */
record DeviceEvictor(Bouncer connections, CloneDesk clones, RetainedClearing clearing)
    implements Evictor {

  @Override
  public Begun evict(Collection<BlockedCertificate> blocked) {
    List<KnownDevice> revoked =
        Remains.revoked(blocked).stream().map(DeviceEvictor::known).toList();
    blocked.forEach(clones::forget);
    Begun begun = connections.evict(blocked);
    return revoked.isEmpty() ? begun : clearing(begun, () -> clearing.clear(revoked));
  }

  @Override
  public Begun reconsider(StatusIndex index, NewlyBlocked newly) {
    Begun begun = connections.reconsider(index, newly);
    return newly.anyRevoked() ? clearing(begun, () -> clearing.clear(newly.revoked())) : begun;
  }

  @Override
  public Deletion delete(Remains remains) {
    List<KnownDevice> revoked = remains.revoked().stream().map(DeviceEvictor::known).toList();
    return connections.delete(remains).clearing(clearing.clear(revoked));
  }

  private static Begun clearing(Begun begun, Supplier<CompletableFuture<Integer>> clear) {
    CompletableFuture<Integer> cleared =
        begun.closed().handle((done, failure) -> null).thenCompose(nothing -> clear.get());
    return new Begun(begun.closed(), begun.deletion().clearing(cleared));
  }

  private static KnownDevice known(RevokedDevice device) {
    return new KnownDevice(device.deviceId(), device.issuer(), subject(device.subject()));
  }

  private static @Nullable Subject subject(String text) {
    try {
      return text.isEmpty() ? null : Subject.parse(text);
    } catch (RefusedException e) {
      return null; // as if it were not told
    }
  }
}
