package io.guardbee.broker.status;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Devices by the hashes of their ids, 8 octets each: enough to say of the sessions in the broker
 * whether they are among millions of devices. Filled by one thread, then asked by any.
 */
final class DeviceSet implements Predicate<String> {

  private static final int FIRST_ROOM = 16;

  private final SipHash hash;
  private long[] hashes = {};
  private int size;

  DeviceSet(SipHash hash) {
    this.hash = hash;
  }

  void add(String deviceId) {
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.max(FIRST_ROOM, size + size / 2));
    }
    hashes[size++] = hash.of(new SipHash.Text(deviceId));
  }

  /** To be called once, after the last device. */
  DeviceSet sealed() {
    Arrays.sort(hashes, 0, size);
    return this;
  }

  boolean isEmpty() {
    return size == 0;
  }

  @Override
  public boolean test(String deviceId) {
    return size > 0
        && Arrays.binarySearch(hashes, 0, size, hash.of(new SipHash.Text(deviceId))) >= 0;
  }
}
