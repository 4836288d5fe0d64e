/** The provisioning service: one program, wired by hand in {@link ProvisioningService}. */
@NullMarked
package io.guardbee.service;

import org.jspecify.annotations.NullMarked;
