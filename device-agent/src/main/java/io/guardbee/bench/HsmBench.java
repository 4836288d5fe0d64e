package io.guardbee.bench;

import io.guardbee.bench.HsmFigures.Signing;
import io.guardbee.bench.measure.Workers;
import io.guardbee.bench.measure.Workers.Rate;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.Keys;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.session.Slot;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.security.Signature;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Measures signing with one key in one token three ways, in turn: bare C_Sign in sessions of its
 * own, the same with the verification that every signature gets before it is used, and a JCA {@code
 * Signature} as callers use it.
 */
final class HsmBench {

  private static final int ROUNDS = 3;
  private static final long WARM_UP_SECONDS = 1;
  private static final byte[] HASH = new byte[32];

  /** DigestInfo of SHA-256 (RFC 8017 §9.2), what CKM_RSA_PKCS takes. */
  private static final byte[] DIGEST_INFO =
      HexFormat.of().parseHex("3031300d060960864801650304020105000420" + "00".repeat(32));

  private final Token token;
  private final Keys keys;
  private final Slot slot;
  private final KeyType type;
  private final long seconds;
  private final PrintWriter narration;

  HsmBench(Token token, KeyType type, long seconds, PrintWriter narration) {
    this.token = token;
    this.keys = token.keys();
    this.slot = keys.slot();
    this.type = type;
    this.seconds = seconds;
    this.narration = narration;
  }

  HsmFigures run(List<Integer> threads, String cryptography) throws Exception {
    Map<String, String> environment = environment(cryptography); // before we add to the load
    TokenKey key = token.generate("guardbee-bench-" + UUID.randomUUID(), type);
    try {
      say("warming up");
      measure(key, 2, WARM_UP_SECONDS);
      List<Signing> signing = new ArrayList<>();
      for (int n : threads) {
        say("signing with " + n + (n == 1 ? " thread" : " threads"));
        signing.add(measure(key, n, Math.max(1, seconds / ROUNDS)));
      }
      say("making keys");
      return new HsmFigures(type, signing, tokenPairs(), sessionPairs(), environment);
    } finally {
      token.destroy(key);
    }
  }

  /** All three in turn, so that whatever else the machine does meets all. */
  private Signing measure(TokenKey key, int threads, long each) throws Exception {
    Rate[] total = {new Rate(0, 0), new Rate(0, 0), new Rate(0, 0)};
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < total.length; i++) {
        int way = (round + i) % total.length;
        total[way] =
            total[way].plus(
                way == 2 ? provider(key, threads, each) : bare(key, threads, each, way == 1));
      }
    }
    return new Signing(threads, total[0], total[1], total[2]);
  }

  private Rate bare(TokenKey key, int threads, long each, boolean verified) throws Exception {
    List<BareSigner> signers = new ArrayList<>();
    try {
      for (int i = 0; i < threads; i++) {
        signers.add(new BareSigner(key, verified));
      }
      return Workers.run(signers, each);
    } finally {
      for (BareSigner signer : signers) {
        signer.close();
      }
    }
  }

  private Rate provider(TokenKey key, int threads, long each) throws Exception {
    List<Workers.Work> signers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Signature signer =
          Signature.getInstance(isRsa() ? "NONEwithRSA" : "NONEwithECDSA", "Guardbee");
      signer.initSign(key.privateKey());
      signers.add(
          () -> {
            signer.update(input());
            return signer.sign().length > 0;
          });
    }
    return Workers.run(signers, each);
  }

  private boolean isRsa() {
    return type.toString().startsWith("rsa");
  }

  private byte[] input() {
    return isRsa() ? DIGEST_INFO : HASH;
  }

  private Rate tokenPairs() throws Exception {
    return Workers.run(
        List.of(
            () -> {
              token.destroy(token.generate("guardbee-bench-" + UUID.randomUUID(), type));
              return true;
            }),
        seconds);
  }

  private Optional<Rate> sessionPairs() throws Exception {
    if (!slot.profile().sessionObjects().orElse(true)) {
      return Optional.empty();
    }
    return Optional.of(
        Workers.run(
            List.of(
                () -> {
                  keys.generateAndForget(type);
                  return true;
                }),
            seconds));
  }

  private void say(String what) {
    narration.println(what);
    narration.flush();
  }

  private Map<String, String> environment(String cryptography) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("token", slot.token().manufacturer() + " " + slot.token().model());
    environment.put("profile", slot.profile().title());
    environment.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    environment.put(
        "load",
        String.format(
            Locale.ROOT,
            "%.1f before the start",
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    environment.put("java", Runtime.version().toString());
    environment.put("cryptography", cryptography);
    return environment;
  }

  /** One thread with a session of its own; a benchmark alone may go past the pool. */
  private final class BareSigner implements Workers.Work {

    private final Cryptoki cryptoki = slot.cryptoki();
    private final boolean verified;
    private final Signature verifier;
    private final long session;
    private final long handle;

    BareSigner(TokenKey key, boolean verified) throws Exception {
      this.verified = verified;
      this.session = cryptoki.openSession(slot.token().slot());
      this.handle =
          cryptoki
              .find(
                  session,
                  Map.of(
                      Ck.CKA_CLASS,
                      Ck.CKO_PRIVATE_KEY,
                      Ck.CKA_ID,
                      HexFormat.of().parseHex(key.id())))[0];
      this.verifier = Signature.getInstance(isRsa() ? "SHA256withRSA" : "NONEwithECDSA");
      this.verifier.initVerify(key.publicKey());
    }

    @Override
    public boolean once() throws Exception {
      long mechanism = isRsa() ? Ck.CKM_RSA_PKCS : Ck.CKM_ECDSA;
      byte[] signature = cryptoki.sign(session, mechanism, null, handle, input());
      if (verified) {
        verifier.update(HASH);
        verifier.verify(isRsa() ? signature : DerOf.ecdsa(signature));
      }
      return true;
    }

    void close() throws CryptokiException {
      cryptoki.closeSession(session);
    }
  }
}
