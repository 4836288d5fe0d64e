/** Tests of the audit log on a real database and token. */
@NullMarked
package io.guardbee.service.audit;

import org.jspecify.annotations.NullMarked;
