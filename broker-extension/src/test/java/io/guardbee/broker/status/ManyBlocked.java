package io.guardbee.broker.status;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Serial;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Random;

/** An index with many revoked certificates, for benchmarks. */
public final class ManyBlocked {

  private static final int SERIAL_BITS = 158;
  private static final long SEED = 2;
  private static final Instant UNTIL = Instant.parse("2099-01-01T00:00:00Z");

  private ManyBlocked() {}

  /** An index that knows so many, by serial numbers as the service draws them. */
  public static StatusIndex index(int entries) {
    Random random = new Random(SEED);
    StatusIndex index = new StatusIndex();
    StatusRefill refill = index.refill();
    for (int i = 0; i < entries; i++) {
      Serial serial = new Serial(new BigInteger(SERIAL_BITS, random).setBit(0));
      refill.add(
          new BlockedCertificate(
              new CertificateKey(Identity.ISSUING, serial), "d-" + i, "revoked", UNTIL));
    }
    NewlyBlocked unused = refill.commit("bench", entries);
    return index;
  }
}
