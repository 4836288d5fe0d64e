package io.guardbee.hsm.key;

import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.Cryptoki;
import io.guardbee.hsm.cryptoki.MechanismInfo;
import io.guardbee.hsm.cryptoki.PssParameters;
import io.guardbee.hsm.profile.VendorProfile;
import io.guardbee.hsm.session.Slot;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a token makes a kind of signature: with which mechanism, over what. The module is asked for
 * its mechanisms and the vendor's profile for its preferences; without one, hashing is done here,
 * since not every module hashes and signs in one.
 *
 * @param input what the mechanism takes
 */
record SigningPlan(long mechanism, @Nullable PssParameters pss, Input input) {

  /** What a mechanism signs. */
  enum Input {
    MESSAGE,
    HASH,
    DIGEST_INFO
  }

  /**
   * Chooses.
   *
   * @throws RefusedException {@link Reason#MECHANISM_MISSING} naming what the token would need and
   *     what works instead
   */
  static SigningPlan choose(Slot slot, SignatureKind kind) {
    List<SigningPlan> possible = candidates(kind);
    return possible.stream()
        .filter(plan -> isUsable(slot, plan.mechanism))
        .min(Comparator.comparingInt(plan -> rank(slot.profile(), kind, plan)))
        .orElseThrow(() -> missing(slot, kind, possible));
  }

  private static boolean isUsable(Slot slot, long mechanism) {
    MechanismInfo info = slot.mechanisms().get(mechanism);
    boolean listed = info != null && info.signs();
    return (listed || slot.profile().unlisted().contains(Cryptoki.mechanismName(mechanism)))
        && !slot.profile().avoid().contains(Cryptoki.mechanismName(mechanism));
  }

  /** What the profile does not name comes after what it names, in our own order. */
  private static int rank(VendorProfile profile, SignatureKind kind, SigningPlan plan) {
    int preferred = profile.prefer(family(kind)).indexOf(Cryptoki.mechanismName(plan.mechanism));
    return preferred < 0 ? Integer.MAX_VALUE : preferred;
  }

  private static String family(SignatureKind kind) {
    if (kind instanceof SignatureKind.Ecdsa) {
      return "ecdsa";
    }
    if (kind instanceof SignatureKind.Pkcs1) {
      return "rsa-pkcs1";
    }
    return kind instanceof SignatureKind.Pss ? "rsa-pss" : "eddsa";
  }

  /** All ways to make it, in the order of preference without a profile. */
  private static List<SigningPlan> candidates(SignatureKind kind) {
    List<SigningPlan> plans = new ArrayList<>();
    if (kind instanceof SignatureKind.Ecdsa ecdsa) {
      plans.add(new SigningPlan(Ck.CKM_ECDSA, null, Input.HASH));
      addHashing(plans, ecdsa.hash(), ECDSA, null);
    } else if (kind instanceof SignatureKind.Pkcs1 pkcs1) {
      plans.add(new SigningPlan(Ck.CKM_RSA_PKCS, null, Input.DIGEST_INFO));
      addHashing(plans, pkcs1.hash(), PKCS1, null);
    } else if (kind instanceof SignatureKind.Pss pss) {
      Hash hash = pss.hash();
      PssParameters parameters = new PssParameters(hash.mechanism(), hash.mgf(), pss.saltOctets());
      plans.add(new SigningPlan(Ck.CKM_RSA_PKCS_PSS, parameters, Input.HASH));
      addHashing(plans, hash, PSS, parameters);
    } else {
      plans.add(new SigningPlan(Ck.CKM_EDDSA, null, Input.MESSAGE));
    }
    return plans;
  }

  private static final Map<Hash, Long> ECDSA =
      Map.of(
          Hash.SHA256, Ck.CKM_ECDSA_SHA256,
          Hash.SHA384, Ck.CKM_ECDSA_SHA384,
          Hash.SHA512, Ck.CKM_ECDSA_SHA512);
  private static final Map<Hash, Long> PKCS1 =
      Map.of(
          Hash.SHA256, Ck.CKM_SHA256_RSA_PKCS,
          Hash.SHA384, Ck.CKM_SHA384_RSA_PKCS,
          Hash.SHA512, Ck.CKM_SHA512_RSA_PKCS);
  private static final Map<Hash, Long> PSS =
      Map.of(
          Hash.SHA256, Ck.CKM_SHA256_RSA_PKCS_PSS,
          Hash.SHA384, Ck.CKM_SHA384_RSA_PKCS_PSS,
          Hash.SHA512, Ck.CKM_SHA512_RSA_PKCS_PSS);

  private static void addHashing(
      List<SigningPlan> plans,
      @Nullable Hash hash,
      Map<Hash, Long> mechanisms,
      @Nullable PssParameters pss) {
    Long mechanism = hash == null ? null : mechanisms.get(hash);
    if (mechanism != null) {
      plans.add(new SigningPlan(mechanism, pss, Input.MESSAGE));
    }
  }

  private static RefusedException missing(
      Slot slot, SignatureKind kind, List<SigningPlan> possible) {
    String needed = names(possible.stream().map(SigningPlan::mechanism).toList(), " or ");
    List<Long> instead =
        slot.mechanismList().stream()
            .filter(MechanismInfo::signs)
            .map(MechanismInfo::number)
            .filter(number -> KNOWN.contains(number) && isUsable(slot, number))
            .toList();
    return new RefusedException(
        Reason.MECHANISM_MISSING,
        Quoted.of(slot.label()) + " cannot make " + kind + ": its module has no " + needed,
        instead.isEmpty()
            ? "use another module: this one signs with no mechanism that Guardbee knows"
            : "use a key and an algorithm for what it has: " + names(instead, ", "));
  }

  private static final List<Long> KNOWN =
      List.of(
          Ck.CKM_ECDSA,
          Ck.CKM_ECDSA_SHA256,
          Ck.CKM_RSA_PKCS,
          Ck.CKM_SHA256_RSA_PKCS,
          Ck.CKM_RSA_PKCS_PSS,
          Ck.CKM_SHA256_RSA_PKCS_PSS,
          Ck.CKM_EDDSA);

  private static String names(List<Long> mechanisms, String separator) {
    return mechanisms.stream().map(Cryptoki::mechanismName).collect(Collectors.joining(separator));
  }

  /**
   * What goes into the mechanism.
   *
   * @param hash of the message, or what the caller brought in its place
   */
  byte[] input(SignatureKind kind, byte[] message, byte[] hash) {
    return switch (input) {
      case MESSAGE -> message;
      case HASH -> hash;
      case DIGEST_INFO -> digestInfo(kind, hash);
    };
  }

  private static byte[] digestInfo(SignatureKind kind, byte[] hash) {
    if (!(kind instanceof SignatureKind.Pkcs1 pkcs1) || pkcs1.hash() == null) {
      return hash;
    }
    ByteArrayOutputStream info = new ByteArrayOutputStream();
    info.writeBytes(pkcs1.hash().digestInfo());
    info.writeBytes(hash);
    return info.toByteArray();
  }
}
