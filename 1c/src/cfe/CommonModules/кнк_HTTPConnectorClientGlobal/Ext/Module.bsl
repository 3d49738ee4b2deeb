// кнк_HTTPConnectorClientGlobal: the idle handler of кнк_HTTPConnectorClient. The platform looks for such procedures only in
// global modules and in the application's. Without this module requests work too, but are polled more often.
//
// License: MIT or Apache-2.0, at your choice.

#Region Internal

// Polls the requests begun by кнк_HTTPConnectorClient.
//
Procedure кнк_CheckHTTPConnectorRequests() Export

	кнк_HTTPConnectorClient.CheckRequests();

EndProcedure

#EndRegion
