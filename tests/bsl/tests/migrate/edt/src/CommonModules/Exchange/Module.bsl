Function Orders() Export
	Session = abc_HTTPConnector.NewSession();
	Session.VerifySSL = False;
	Parameters = abc_HTTPConnector.NewParameters();
	Parameters.Timeout = 0;
	Parameters.Insert("ToRetryForStatusCodes", New Array);
	Parameters.JSONConversionParameters.Insert("ConversionFunctionName", "Convert");
	Return abc_HTTPConnector.GetJson("https://example.com/orders", New Structure("since", '20260131'), Parameters, Session);
EndFunction

Procedure Send(Order) Export
	HTTPConnector.PostJson("HTTPS://user:pass@example.com/orders", Order);
	Response = HTTPConnector.Head("https://example.com/orders");
	Message(HTTPConnector.HTTPStatusCodePresentation(Response.StatusCode));
	If HTTPConnector.StrStartsWith("abc", "a") Then
		Message(Response.Cookies["example.com"]["/"]["id"].Value);
	EndIf;
EndProcedure
