package io.guardbee.hsm.cryptoki;

/** What a PKCS#11 library tells of itself (CK_INFO), padding removed. */
public record ModuleInfo(
    String manufacturer, String description, String version, String cryptokiVersion) {}
