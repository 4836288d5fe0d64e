package io.guardbee.hsm.cryptoki;

/** Numbers of the PKCS#11 standard (v3.0, header pkcs11t.h) that Guardbee uses. */
public final class Ck {

  public static final long CKU_SO = 0;
  public static final long CKU_USER = 1;

  public static final long CKO_CERTIFICATE = 1;
  public static final long CKO_PUBLIC_KEY = 2;
  public static final long CKO_PRIVATE_KEY = 3;
  public static final long CKO_SECRET_KEY = 4;
  public static final long CKC_X_509 = 0;

  public static final long CKK_RSA = 0;
  public static final long CKK_EC = 3;
  public static final long CKK_AES = 0x1F;
  public static final long CKK_EC_EDWARDS = 0x40;

  public static final long CKA_CLASS = 0x000;
  public static final long CKA_TOKEN = 0x001;
  public static final long CKA_PRIVATE = 0x002;
  public static final long CKA_LABEL = 0x003;
  public static final long CKA_VALUE = 0x011;
  public static final long CKA_CERTIFICATE_TYPE = 0x080;
  public static final long CKA_ISSUER = 0x081;
  public static final long CKA_SERIAL_NUMBER = 0x082;
  public static final long CKA_KEY_TYPE = 0x100;
  public static final long CKA_SUBJECT = 0x101;
  public static final long CKA_ID = 0x102;
  public static final long CKA_SENSITIVE = 0x103;
  public static final long CKA_DECRYPT = 0x105;
  public static final long CKA_WRAP = 0x106;
  public static final long CKA_UNWRAP = 0x107;
  public static final long CKA_SIGN = 0x108;
  public static final long CKA_VERIFY = 0x10A;
  public static final long CKA_DERIVE = 0x10C;
  public static final long CKA_MODULUS = 0x120;
  public static final long CKA_MODULUS_BITS = 0x121;
  public static final long CKA_PUBLIC_EXPONENT = 0x122;
  public static final long CKA_PRIVATE_EXPONENT = 0x123;
  public static final long CKA_PRIME_1 = 0x124;
  public static final long CKA_PRIME_2 = 0x125;
  public static final long CKA_EXPONENT_1 = 0x126;
  public static final long CKA_EXPONENT_2 = 0x127;
  public static final long CKA_COEFFICIENT = 0x128;
  public static final long CKA_EXTRACTABLE = 0x162;
  public static final long CKA_LOCAL = 0x163;
  public static final long CKA_NEVER_EXTRACTABLE = 0x164;
  public static final long CKA_ALWAYS_SENSITIVE = 0x165;
  public static final long CKA_EC_PARAMS = 0x180;
  public static final long CKA_EC_POINT = 0x181;

  public static final long CKM_RSA_PKCS_KEY_PAIR_GEN = 0x0000;
  public static final long CKM_RSA_PKCS = 0x0001;
  public static final long CKM_RSA_PKCS_PSS = 0x000D;
  public static final long CKM_SHA256_RSA_PKCS = 0x0040;
  public static final long CKM_SHA384_RSA_PKCS = 0x0041;
  public static final long CKM_SHA512_RSA_PKCS = 0x0042;
  public static final long CKM_SHA256_RSA_PKCS_PSS = 0x0043;
  public static final long CKM_SHA384_RSA_PKCS_PSS = 0x0044;
  public static final long CKM_SHA512_RSA_PKCS_PSS = 0x0045;
  public static final long CKM_SHA256 = 0x0250;
  public static final long CKM_SHA384 = 0x0260;
  public static final long CKM_SHA512 = 0x0270;
  public static final long CKM_EC_KEY_PAIR_GEN = 0x1040;
  public static final long CKM_ECDSA = 0x1041;
  public static final long CKM_ECDSA_SHA256 = 0x1044;
  public static final long CKM_ECDSA_SHA384 = 0x1045;
  public static final long CKM_ECDSA_SHA512 = 0x1046;
  public static final long CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
  public static final long CKM_EDDSA = 0x1057;

  public static final long CKM_AES_KEY_WRAP_PAD = 0x210A;
  public static final long CKM_AES_KEY_WRAP_KWP = 0x210B;

  public static final long CKG_MGF1_SHA256 = 2;
  public static final long CKG_MGF1_SHA384 = 3;
  public static final long CKG_MGF1_SHA512 = 4;

  private Ck() {}
}
