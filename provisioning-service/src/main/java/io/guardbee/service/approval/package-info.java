/**
 * Approval: a person or another program has to agree before a device gets its first certificate.
 */
@NullMarked
package io.guardbee.service.approval;

import org.jspecify.annotations.NullMarked;
